"""The newest sample of every tag; of tags that read as before, only the time moves on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from edge.alarm import Heard
from edge.alarm.heard import ALONE
from edge.tag import Sample


class Latest(Mapping[str, Sample]):
    """A sample per tag, as a mapping. A tag at rest has the times of its last answer (`Heard`)."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._samples = {sample.tag: sample for sample in samples}
        self._heard: dict[str, Heard] = {}

    def __getitem__(self, tag: str) -> Sample:
        sample = self._samples[tag]
        heard = self._heard.get(tag)
        if heard is None or heard.utc_ns == sample.receive_ns or tag in heard.restless:
            return sample
        return moved(sample, heard.utc_ns)

    def __iter__(self) -> Iterator[str]:
        return iter(self._samples)

    def __len__(self) -> int:
        return len(self._samples)

    def put(self, sample: Sample) -> None:
        """Keep `sample` as its tag's newest."""
        self._samples[sample.tag] = sample

    def join(self, heard: Heard) -> None:
        """Let the tags of `heard` have its time from now on."""
        for tag in heard.tags:
            self._samples[tag] = self[tag]
            self._heard[tag] = heard

    def heard_of(self, tag: str) -> Heard:
        """Return those that `tag` is heard of with."""
        return self._heard.get(tag, ALONE)

    def settle(self, tag: str) -> Sample:
        """Keep the tag's newest sample with the times it has now, and return it."""
        sample = self._samples[tag] = self[tag]
        return sample


def moved(sample: Sample, utc_ns: int) -> Sample:
    """Return `sample` as received again at `utc_ns` [ns]; an instrument's own stamp stays."""
    if sample.source_ns == sample.receive_ns:
        return sample._replace(source_ns=utc_ns, receive_ns=utc_ns)
    return sample._replace(receive_ns=utc_ns)
