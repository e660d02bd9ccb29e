"""The command line: thin commands that ask the layers below and print what they say."""
