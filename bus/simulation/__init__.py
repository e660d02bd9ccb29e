"""The rehearsal of a province: the real hub, edges, stores and routes over a turned clock."""
