//! Reviewed transcripts, one for each case.
