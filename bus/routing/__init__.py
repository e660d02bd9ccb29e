"""What is decided: cases and their machine, competence, deadlines, admission, retry, the chain.

Pure: values in, values out; no clock, no environment, no file, no chance, no log.
"""
