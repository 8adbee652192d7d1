"""What all our own services share: settings, life cycle, journal, control port, TLS. It knows no protocol."""
