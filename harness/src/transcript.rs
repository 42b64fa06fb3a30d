//! What a case means, in lines that a person reviews.
