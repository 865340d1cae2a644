"""`python -m banjie` is the command line."""

from banjie.cli import main

if __name__ == "__main__":
    main()
