"""The storm: the province under every fault there is, from a seed that anyone can replay.

The real steps of hub and edges over real stores run in one thread, over a virtual clock. A broker
of its own loses, repeats, reorders and delays; machines die at any call of a port and start again;
databases refuse; clocks go wrong; legacy systems fail. When the storm is over and nothing is under
way any more, everything promised is checked.
"""
