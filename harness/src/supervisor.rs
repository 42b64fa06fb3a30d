//! Real processes: started, watched, killed, reaped.
