//! The part of a parcel that a mutant puts before the sound backend's data.

use crate::backend::{Failure, Outcome, Parcel};

/// Data for a mutant's end or helper, which differ from end to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ParcelHeader {
    /// The seed of this end's chances and pauses.
    pub(super) seed: u64,
    /// Whether this is the consumer that an unfair backend serves late.
    pub(super) slow: bool,
    /// Whether the process puts, and so sends a goodbye at its close.
    pub(super) puts: bool,
    /// Whether a fault of a whole channel shows on this channel.
    pub(super) struck: bool,
}

const LENGTH: usize = size_of::<u64>() + 3;

impl ParcelHeader {
    pub(super) fn put_into(self, parcel: &mut Parcel) {
        let mut header = [0; LENGTH];
        header[..8].copy_from_slice(&self.seed.to_le_bytes());
        header[8..].copy_from_slice(&[self.slow, self.puts, self.struck].map(u8::from));
        parcel.data.splice(..0, header);
    }

    pub(super) fn take_from(parcel: &mut Parcel) -> Result<ParcelHeader, Failure> {
        let Some(header) = parcel.data.first_chunk::<LENGTH>() else {
            return Err(Failure::new(
                Outcome::Error,
                "this parcel is not one of a mutant's",
            ));
        };
        let (seed, flags) = header.split_at(8);
        let header = ParcelHeader {
            seed: u64::from_le_bytes(seed.try_into().expect("eight bytes were split off")),
            slow: flags[0] == 1,
            puts: flags[1] == 1,
            struck: flags[2] == 1,
        };
        parcel.data.drain(..LENGTH);
        Ok(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taking_the_header_restores_the_sound_data() {
        let mut parcel = Parcel {
            data: vec![1, 2, 3],
            handles: Vec::new(),
        };
        let header = ParcelHeader {
            seed: 77,
            slow: true,
            puts: false,
            struck: true,
        };
        header.put_into(&mut parcel);
        assert_eq!(ParcelHeader::take_from(&mut parcel).unwrap(), header);
        assert_eq!(parcel.data, [1, 2, 3]);
    }

    #[test]
    fn a_parcel_without_a_header_is_an_error() {
        assert!(ParcelHeader::take_from(&mut Parcel::default()).is_err());
    }
}
