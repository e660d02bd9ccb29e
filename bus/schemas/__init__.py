"""What crosses a border: messages by subject and version, and the province's catalogue as data.

Pure: no clock, no environment, no file, no chance. Every class is strict, closed and frozen.
"""
