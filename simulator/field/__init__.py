"""The field: a site's devices on real sockets, served through the same templates that read them.

`FieldServers` takes readings by tag name and tells of writes and of changes as they are served;
where the readings come from (the modelled plant, a recording) is no matter of the servers.
"""

from simulator.field.registers import FieldFault
from simulator.field.server import FieldServers

__all__ = ["FieldFault", "FieldServers"]
