//! Tests that need backends of their own. Their processes execute this program again.

mod browser;
mod conformance;
#[cfg(unix)]
mod exhaustion;
mod found;
mod goldens;
mod kits;
mod named;
mod probes;
#[cfg(unix)]
mod published;
mod python;
mod simple;

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = goldens::of_this_process() {
        return code;
    }
    if let Some(code) = simple::of_this_process() {
        return code;
    }
    #[cfg(unix)]
    if let Some(code) = exhaustion::of_this_process() {
        return code;
    }
    let backends = probes::registry();
    #[cfg(unix)]
    let backends = published::with(backends);
    ipc_conformance::internals::hook(&backends);
    probes::this_is_the_harness();

    let tests = goldens::trials()
        .into_iter()
        .chain(probes::trials())
        .chain(browser::trials())
        .chain(python::trials())
        .chain(kits::trials())
        .chain(found::trials())
        .chain(simple::trials());
    #[cfg(unix)]
    let tests = tests.chain(exhaustion::trials()).chain(published::trials());
    named::run(tests.collect())
}
