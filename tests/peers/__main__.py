"""Builds every real peer that is not there yet, one after the other: `python -m tests.peers`."""

from tests.peers import bottlecrm, request_tracker, stripe, tryton, vendure, yente

PEERS = (tryton, vendure, yente, bottlecrm, stripe, request_tracker)


def main() -> None:
    """This will build them. Raises workshop.CannotBuild at the first that cannot be."""
    for peer in PEERS:
        peer.RECIPE.build(peer.cook)


if __name__ == "__main__":
    main()
