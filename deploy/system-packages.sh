#!/bin/sh
# Install the Debian packages that the tests use, where we may; else say which are missing.
# The demo needs none of them. Tests that need one that is absent skip and say so (CI fails them).
set -eu

want=''
need() { # PACKAGE, then a command or file that shows it is there
    command -v "$2" >/dev/null 2>&1 || [ -e "$2" ] || want="$want $1"
}
PATH="$PATH:/usr/sbin:/sbin"
need chromium chromium                                             # the console in a real browser
need espeak-ng espeak-ng                                           # areas are spoken at the console
need fonts-wqy-microhei /usr/share/fonts/truetype/wqy/wqy-microhei.ttc # Chinese in the seat's window
need libmodbus5 /usr/share/doc/libmodbus5                             # another's Modbus to talk to
need mosquitto mosquitto                                           # MQTT 5
need socat socat                                                   # serial lines without a wire
need systemd systemd-analyze                                       # the units are verified
need xvfb Xvfb                                                     # a screen for windows under test

[ -n "$want" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "setup: not installed:$want" >&2
    echo "setup: some tests will skip; apt-get install$want (as root) brings them all" >&2
    exit 0
fi
echo "setup: apt-get install$want"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # a list of words is meant
apt-get -qq update && apt-get -qq install --no-install-recommends $want >/dev/null
