"""What compiles the substance table; needed when the table is built, never at run time."""
