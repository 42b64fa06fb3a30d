//! Where the folders of harness processes are: usually among temporary files.
//!
//! Sockets have names in them, and an operating system accepts only short paths as names of sockets. If
//! the folder for temporary files has a long path, the folders are elsewhere.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use super::system;

/// The length of the longest path of a folder in which sockets have names: without the folder of a
/// harness process, that of a run, and the name of a usual channel.
const LONGEST: usize = SOCKET - "/XXXXXX".len() - "/99999".len() - "/name-of-a-channel".len();

/// The length of the longest path of a folder in which a program makes folders with sockets in them, as
/// Python does.
const LONGEST_OF_PROGRAM: usize = SOCKET - "/pymp-XXXXXXXX".len() - "/listener-XXXXXXXX".len();

/// `sun_path` without the null at its end. Windows has no limit: named pipes aren't files there.
const SOCKET: usize = if cfg!(target_os = "linux") {
    107
} else if cfg!(unix) {
    103
} else {
    1 << 15
};

/// Where the folders may be, the best first.
pub(super) fn places() -> Vec<PathBuf> {
    let temporary = env::temp_dir();
    if fits(&temporary) {
        return vec![temporary];
    }
    let runtime = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let others = runtime
        .into_iter()
        .chain(["/tmp", "/var/tmp"].map(PathBuf::from));
    others
        .filter(|place| place.is_absolute() && fits(place))
        .collect()
}

/// Returns whether names of sockets fit into folders in this one.
fn fits(place: &Path) -> bool {
    // Other programs read paths of UTF-8 only.
    place.to_str().is_some() && root_in(place, 0).as_os_str().len() <= LONGEST
}

/// Returns whether names of sockets fit into folders that a program makes in this one.
pub(super) fn fits_programs(folder: &Path) -> bool {
    folder.as_os_str().len() <= LONGEST_OF_PROGRAM
}

/// Returns a path that may hold the folders of this user's harness processes in this place: the first,
/// or another one if that is another user's.
pub(super) fn root_in(place: &Path, number: usize) -> PathBuf {
    let user = system::user();
    place.join(match number {
        0 => format!("ipc-conformance-{user}"),
        number => format!("ipc-conformance-{user}-{number}"),
    })
}

/// Returns the error if the folders can't be in any place.
pub(super) fn nowhere() -> io::Error {
    let temporary = env::temp_dir();
    io::Error::other(format!(
        "{} is too long for names of sockets or isn't UTF-8, and no other folder can be used; \
         set TMPDIR to a folder with a shorter path",
        temporary.display()
    ))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::usual("/tmp", true)]
    #[case::as_on_macos("/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T", true)]
    #[case::long(
        "/a/very/long/path/of/a/folder/for/temporary/files/as/some/build/systems/make/them",
        false
    )]
    fn names_of_sockets_fit_only_into_short_paths(#[case] place: &str, #[case] expected: bool) {
        assert_eq!(fits(Path::new(place)), expected);
    }
}
