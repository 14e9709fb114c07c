"""How `tables.bin` is made; not part of what is installed.

python -m postkit.text.mojibake.learn.corpus FOLDER     fetches the texts, named and licensed
python -m postkit.text.mojibake.learn FOLDER            counts them, and writes the tables
"""
