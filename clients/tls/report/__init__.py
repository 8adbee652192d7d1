"""Every TLS client at hand against every certificate of the zoo: who accepts what it must refuse?"""
