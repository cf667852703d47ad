"""The options of the commands: a file for each group of commands, called as the module that carries
them out. None imports that module: `studio --help` is there at once."""
