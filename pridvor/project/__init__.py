"""Where the rooms are put together: settings, urls, wiring, the command line, the embedded database."""
