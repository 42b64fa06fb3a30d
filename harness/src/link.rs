//! Messages between the harness and a peer.
