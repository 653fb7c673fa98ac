"""THE table of capabilities: the names that journeys may use behind `connect:`, and what stands behind each."""

from pridvor.connectors import gathering, peers
from pridvor.connectors.contract import Capability

CAPABILITIES: dict[str, Capability] = {
    "erp.create_customer": Capability(
        peer="erp", gather=gathering.customer, perform=peers.create_customer, probe=peers.probe_erp
    ),
}
