//! Which faults can show on a backend.

use std::any::Any;

use super::Fault;
use crate::backend::{Backend, Capabilities, Capability, Kind, System};
use crate::backends::broker::Broker;
use crate::backends::std_pipe;

impl Fault {
    /// Returns whether the fault is in the process that keeps a queue's items. Only our broker's
    /// process can have it.
    pub(crate) fn is_of_the_keeper(self) -> bool {
        match self {
            Fault::LostPrefetched
            | Fault::LostAtOnce
            | Fault::GivenTwice
            | Fault::Overtaking
            | Fault::EndForOne
            | Fault::Starved
            | Fault::EmptyMeanwhile
            | Fault::EitherOrder
            | Fault::LostWithGetter
            | Fault::Surfacing
            | Fault::NeverSurfacing => true,
            fault => fault.is_of_the_keeper_or_prefetch() || fault.wants_goodbyes(),
        }
    }

    /// Returns whether the fault is in a queue's keeper, and in the prefetch of a pipe's receiver.
    pub(crate) fn is_of_the_keeper_or_prefetch(self) -> bool {
        matches!(
            self,
            Fault::Lifo | Fault::Relaxed | Fault::TwoLanes | Fault::EndBeforeDrain | Fault::Batched
        )
    }

    /// Returns whether the fault depends on whether a process closed its end or was killed.
    pub(crate) fn wants_goodbyes(self) -> bool {
        matches!(
            self,
            Fault::LostPrefetched
                | Fault::Redelivered
                | Fault::EndlessKill
                | Fault::LostWithGetter
                | Fault::Surfacing
                | Fault::NeverSurfacing
        )
    }

    /// Returns whether the fault can show on this backend.
    pub(crate) fn fits(self, backend: &dyn Backend) -> bool {
        let key = backend.key();
        let Some(capabilities) = backend.capabilities(System::current()) else {
            return false;
        };
        let is_broker = (backend as &dyn Any).is::<Broker>();
        let can_be_cut = key.kind == Kind::Stream || key == std_pipe::pipe_key();
        // A prefetch uses the try form.
        let tries = key.kind == Kind::Pipe && self.is_of_the_keeper_or_prefetch();
        self.applies_to(key.kind)
            && self.shows_with(&capabilities)
            && (!tries || capabilities.has(Capability::TryGet))
            && (is_broker || key.kind != Kind::Queue || !self.is_of_the_keeper())
            && (self != Fault::Dribble || can_be_cut)
    }

    /// Returns whether the fault can show on channels of this kind.
    fn applies_to(self, kind: Kind) -> bool {
        let everywhere = [Kind::Queue, Kind::Pipe, Kind::Stream];
        let kinds: &[Kind] = match self {
            Fault::LostPrefetched
            | Fault::LostAtOnce
            | Fault::LostWhenFull
            | Fault::GivenTwice
            | Fault::Resurrected
            | Fault::Overtaking
            | Fault::EndForOne
            | Fault::CapacityPlusOne
            | Fault::CapacityMinusOne
            | Fault::FullWithRoom
            | Fault::EmptyWithItems
            | Fault::Starved
            | Fault::Small
            | Fault::Unfair
            | Fault::EmptyMeanwhile
            | Fault::EitherOrder
            | Fault::LostWithGetter
            | Fault::Surfacing
            | Fault::NeverSurfacing
            | Fault::EarlyJoin
            | Fault::DoneTooOften
            | Fault::Miscounted => &[Kind::Queue],
            // For these, a pipe is enough evidence.
            Fault::FirstReady
            | Fault::Echo
            | Fault::Forgetful
            | Fault::Inherited
            | Fault::HastyJoin => &[Kind::Pipe],
            Fault::DeafAtFirst
            | Fault::LostAfterFailure
            | Fault::Redelivered
            | Fault::DoubledByRetry
            | Fault::Lifo
            | Fault::Relaxed
            | Fault::TwoLanes
            | Fault::EmptySwallowed
            | Fault::Merged
            | Fault::Split
            | Fault::ByteOrder
            | Fault::EndBeforeDrain
            | Fault::EndlessKill
            | Fault::Stubborn
            | Fault::Hasty
            | Fault::Endless
            | Fault::Unwoken
            | Fault::OneAtATime
            | Fault::Batched => &[Kind::Queue, Kind::Pipe],
            Fault::WholeClose | Fault::Fatal | Fault::Dribble => &[Kind::Pipe, Kind::Stream],
            Fault::StolenName
            | Fault::LostClient
            | Fault::NonsenseWelcome
            | Fault::KeyIgnored
            | Fault::Untold
            | Fault::Unforgiving => &[Kind::Endpoint],
            Fault::OneReadOnly => &[Kind::Pipe, Kind::Endpoint],
            Fault::Interrupted => &[Kind::Queue, Kind::Pipe, Kind::Stream, Kind::Endpoint],
            _ => &everywhere,
        };
        kinds.contains(&kind)
    }

    /// Returns whether the fault can show on a backend with these capabilities.
    fn shows_with(self, capabilities: &Capabilities) -> bool {
        let any_of: &[Capability] = match self {
            Fault::EarlyEnd
            | Fault::EndBeforeDrain
            | Fault::MissingEnd
            | Fault::EndForOne
            | Fault::DataAfterEnd
            | Fault::EndlessKill
            | Fault::EndOnce
            | Fault::EndAsError => &[Capability::EndOnClose],
            // It shows only where an item can't be decoded.
            Fault::LostAfterFailure => &[Capability::Encoding],
            Fault::CapacityPlusOne | Fault::CapacityMinusOne => &[Capability::Capacity],
            Fault::OneAtATime => &[Capability::Threads],
            Fault::FirstReady => &[Capability::PollSeveral],
            Fault::Interrupted => &[Capability::Signals],
            Fault::EarlyJoin | Fault::DoneTooOften => &[Capability::Joinable],
            Fault::Miscounted => &[Capability::Size, Capability::IsEmpty, Capability::IsFull],
            Fault::Unfair => &[Capability::SeveralConsumers],
            Fault::Endless | Fault::Spurious => &[Capability::TimedGet],
            Fault::LateTimeouts | Fault::Hasty => &[Capability::TimedGet, Capability::TimedPut],
            Fault::Stubborn => &[Capability::TryGet, Capability::TryPut],
            Fault::FullWithRoom | Fault::LostWhenFull => &[Capability::TryPut],
            Fault::Resurrected => &[Capability::TryPut, Capability::TimedPut],
            Fault::EmptyWithItems | Fault::LostWakeUp => &[Capability::TryGet],
            Fault::DeafAtFirst => &[Capability::TryGet],
            Fault::Forgetful => &[Capability::Poll],
            Fault::HastyJoin => &[Capability::TimedJoin],
            Fault::Echo => &[Capability::Duplex],
            Fault::WholeClose => &[Capability::HalfClose],
            Fault::StolenName => &[Capability::ReplaceName],
            Fault::NonsenseWelcome | Fault::OneReadOnly => &[Capability::Raw],
            Fault::KeyIgnored | Fault::Untold | Fault::Unforgiving => &[Capability::Authentication],
            Fault::Inherited if cfg!(unix) => &[Capability::OpenInPeer],
            // On other systems no safe call makes a handle inheritable, and handles aren't counted.
            Fault::Inherited | Fault::LeakedHandle if !cfg!(unix) => &[],
            _ => return true,
        };
        any_of.iter().any(|need| capabilities.has(*need))
    }
}

// On Windows some faults need a capability that no backend has.
#[cfg(all(test, unix))]
mod tests {
    use crate::mutant::{Fault, Mutation};
    use crate::registry::Registry;
    use std::sync::Arc;

    #[test]
    fn every_fault_fits_a_built_in_backend() {
        for fault in Fault::ALL {
            let registry = Registry::builtin();
            let mut backends = registry.iter();
            let fits = backends.any(|one| Mutation::from(*fault).on(Arc::clone(one)).is_some());
            assert!(fits, "{fault} fits nothing");
        }
    }
}
