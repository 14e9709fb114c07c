# Itâ€™s code.
