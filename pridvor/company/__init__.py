"""The company that onboards: its name, look and sender, and where its systems stand, as its administrator keeps them."""
