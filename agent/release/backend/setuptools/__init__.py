"""Takes the place of setuptools while pip downloads a source archive; see pip.go."""
