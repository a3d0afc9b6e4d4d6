"""Whether docs/install.md installs the product: its commands, run in a Debian of their own (`make install-test`)."""
