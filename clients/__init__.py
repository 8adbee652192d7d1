"""One module a role: small clients with codecs of their own, usable as a library and from the shell."""
