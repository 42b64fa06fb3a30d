//! Runs every case on every backend; each pair is a trial that is found at run time.
//!
//! To review a new or changed golden: `cargo insta review`, or `cargo insta accept`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use ipc_conformance::registry::Registry;
use ipc_conformance::testing::Suite;

pub(crate) fn main() -> ExitCode {
    Suite::new(Registry::builtin()).pending(offer).main()
}

/// Makes insta print the difference and write the pending golden. Panics, which fails the trial.
pub(crate) fn offer(path: PathBuf, text: &str) {
    // The output of insta for two trials must not be interleaved.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let name = path
        .file_stem()
        .expect("a golden has a name")
        .to_string_lossy()
        .into_owned();
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(path.parent().expect("a golden is in a folder"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
