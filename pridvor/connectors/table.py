"""THE table of capabilities: the names that journeys may use behind `connect:`, and what stands behind each."""

from pridvor.connectors import gathering, peers
from pridvor.connectors.contract import Capability
from pridvor.connectors.services import offer

CAPABILITIES: dict[str, Capability] = {
    "erp.create_customer": Capability(
        peer="erp", gather=gathering.customer, perform=peers.create_customer, probe=peers.probe_erp
    ),
    "crm.create_account": offer("crm", "accounts", "PUT"),
    "crm.close_account": offer("crm", "accounts", "DELETE"),
    "billing.subscribe": offer("billing", "subscriptions", "PUT"),
    "billing.cancel": offer("billing", "subscriptions", "DELETE"),
    "platform.link_systems": offer("platform", "links", "PUT"),
    "platform.unlink_systems": offer("platform", "links", "DELETE"),
    "platform.go_live": offer("platform", "live", "PUT"),
}
