//! On which backends a fault makes a difference.

use std::any::Any;

use super::Fault;
use crate::backend::{Backend, Capabilities, Capability, Kind, System};
use crate::backends::broker::Broker;
use crate::backends::std_pipe;

impl Fault {
    /// Whether it is what the process does that keeps a queue's items: only ours can be made to.
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

    /// Whether a queue's keeper does it, and a pipe's receiver with what it has in stock.
    pub(crate) fn is_of_the_keeper_or_prefetch(self) -> bool {
        matches!(
            self,
            Fault::Lifo | Fault::Relaxed | Fault::TwoLanes | Fault::EndBeforeDrain | Fault::Batched
        )
    }

    /// Whether it tells who is killed from who closes.
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

    /// Whether it makes any difference to this backend.
    pub(crate) fn fits(self, backend: &dyn Backend) -> bool {
        let key = backend.key();
        let Some(capabilities) = backend.capabilities(System::current()) else {
            return false;
        };
        let is_broker = (backend as &dyn Any).is::<Broker>();
        let can_be_cut = key.kind == Kind::Stream || key == std_pipe::pipe_key();
        // Who has a stock has tried whether there is more.
        let tries = key.kind == Kind::Pipe && self.is_of_the_keeper_or_prefetch();
        self.applies_to(key.kind)
            && self.shows_with(&capabilities)
            && (!tries || capabilities.has(Capability::TryGet))
            && (is_broker || key.kind != Kind::Queue || !self.is_of_the_keeper())
            && (self != Fault::Dribble || can_be_cut)
    }

    /// Whether it makes any difference to channels of this kind.
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
            | Fault::NeverSurfacing => &[Kind::Queue],
            // Of these, what is judged on a pipe says it all.
            Fault::FirstReady | Fault::Echo | Fault::Forgetful | Fault::Inherited => &[Kind::Pipe],
            Fault::Redelivered
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
            _ => &everywhere,
        };
        kinds.contains(&kind)
    }

    /// Whether it can show on a backend that does all this.
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
            Fault::CapacityPlusOne | Fault::CapacityMinusOne => &[Capability::Capacity],
            Fault::OneAtATime => &[Capability::Threads],
            Fault::FirstReady => &[Capability::PollSeveral],
            Fault::Unfair => &[Capability::SeveralConsumers],
            Fault::Endless | Fault::Spurious => &[Capability::TimedGet],
            Fault::LateTimeouts | Fault::Hasty => &[Capability::TimedGet, Capability::TimedPut],
            Fault::Stubborn => &[Capability::TryGet, Capability::TryPut],
            Fault::FullWithRoom | Fault::LostWhenFull => &[Capability::TryPut],
            Fault::Resurrected => &[Capability::TryPut, Capability::TimedPut],
            Fault::EmptyWithItems | Fault::LostWakeUp => &[Capability::TryGet],
            Fault::Forgetful => &[Capability::Poll],
            Fault::Echo => &[Capability::Duplex],
            Fault::WholeClose => &[Capability::HalfClose],
            Fault::StolenName => &[Capability::ReplaceName],
            Fault::NonsenseWelcome => &[Capability::Raw],
            Fault::KeyIgnored | Fault::Untold | Fault::Unforgiving => &[Capability::Authentication],
            Fault::Inherited if cfg!(unix) => &[Capability::OpenInPeer],
            // On other systems no safe call makes a handle inheritable, and nobody counts handles.
            Fault::Inherited | Fault::LeakedHandle if !cfg!(unix) => &[],
            _ => return true,
        };
        any_of.iter().any(|need| capabilities.has(*need))
    }
}

// On Windows no backend can do all that some fault is of.
#[cfg(all(test, unix))]
mod tests {
    use crate::mutant::{Fault, Mutation};
    use crate::registry::Registry;
    use std::sync::Arc;

    #[test]
    fn every_fault_fits_a_backend_of_ours() {
        for fault in Fault::ALL {
            let registry = Registry::builtin();
            let mut backends = registry.iter();
            let fits = backends.any(|one| Mutation::from(*fault).on(Arc::clone(one)).is_some());
            assert!(fits, "{fault} fits nothing");
        }
    }
}
