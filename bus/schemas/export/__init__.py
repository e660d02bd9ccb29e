"""What a partner in another language needs: JSON Schema per message, and one AsyncAPI document.

Pure: functions return dictionaries, somebody else writes the files.
"""
