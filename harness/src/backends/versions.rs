//! The versions of what the built-in backends stand on: libraries, the compiler and the kernel.

use crate::backend::About;

/// The language runtime of every backend in Rust.
pub(crate) fn runtime() -> Option<String> {
    known(env!("IPC_CONFORMANCE_RUSTC")).map(|version| format!("rustc {version}"))
}

/// Returns the description of a backend over a part of the standard library, whose version is the
/// compiler's.
pub(crate) fn std(mechanism: &str) -> About {
    of("std", known(env!("IPC_CONFORMANCE_RUSTC")), mechanism)
}

/// Returns the description of a backend that is a part of the harness.
pub(crate) fn own(mechanism: &str) -> About {
    About::library(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")).by(mechanism)
}

/// Returns the description of a backend over calls of the operating system.
pub(crate) fn kernel(mechanism: &str) -> About {
    #[cfg(unix)]
    {
        let system = rustix::system::uname();
        let release = system.release().to_string_lossy();
        let name = system.sysname().to_string_lossy();
        of(&name, numbers(&release), mechanism)
    }
    #[cfg(not(unix))]
    of(std::env::consts::OS, None, mechanism)
}

/// Returns the description of a backend over interprocess.
#[cfg(feature = "interprocess")]
pub(crate) fn interprocess(mechanism: &str) -> About {
    let version = locked(
        env!("IPC_CONFORMANCE_BUILD_INTERPROCESS"),
        env!("IPC_CONFORMANCE_OWN_INTERPROCESS"),
    );
    of("interprocess", version, mechanism)
}

/// Returns the description of a backend over the asynchronous half of interprocess.
#[cfg(feature = "tokio")]
pub(crate) fn tokio(mechanism: &str) -> About {
    let version = locked(
        env!("IPC_CONFORMANCE_BUILD_TOKIO"),
        env!("IPC_CONFORMANCE_OWN_TOKIO"),
    );
    let tokio = version.map_or_else(String::new, |version| format!(", on tokio {version}"));
    interprocess(&format!("{mechanism}{tokio}"))
}

/// Returns the version in the lock file above the target folder. Without one, returns that in this
/// package's own lock file if cargo builds this package for itself and not for another one.
#[cfg(feature = "interprocess")]
fn locked(of_build: &'static str, own: &'static str) -> Option<&'static str> {
    let is_for_itself = option_env!("CARGO_PRIMARY_PACKAGE").is_some();
    known(of_build).or_else(|| known(own).filter(|_| is_for_itself))
}

fn known(version: &'static str) -> Option<&'static str> {
    (!version.is_empty()).then_some(version)
}

fn of(library: &str, version: Option<&str>, mechanism: &str) -> About {
    let about = match version {
        Some(version) => About::library(library, version),
        None => About::library_of_unknown_version(library),
    };
    about.by(mechanism)
}

/// Returns the numbers at the beginning of a kernel's release: `6.8.0` of `6.8.0-45-generic`. The rest
/// names a build, which differs between machines of the same service.
#[cfg(unix)]
fn numbers(release: &str) -> Option<&str> {
    let is_other = |c: char| !c.is_ascii_digit() && c != '.';
    let end = release.find(is_other).unwrap_or(release.len());
    Some(&release[..end]).filter(|numbers| !numbers.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiler_and_the_standard_library_have_one_version() {
        let version = std("io::pipe").version.unwrap();
        assert_eq!(runtime().unwrap(), format!("rustc {version}"));
        assert!(version.starts_with("1."), "{version}");
    }

    #[cfg(feature = "interprocess")]
    #[test]
    fn the_version_of_interprocess_is_that_of_the_lock_file() {
        let version = interprocess("fifo_file").version.unwrap();
        let lock = include_str!("../../../Cargo.lock").replace('\r', "");
        let entry = format!("name = \"interprocess\"\nversion = \"{version}\"\n");
        assert!(lock.contains(&entry), "{version}");
    }

    #[cfg(unix)]
    #[test]
    fn the_kernels_build_is_no_part_of_its_version() {
        assert_eq!(numbers("6.8.0-45-generic"), Some("6.8.0"));
        assert_eq!(numbers("24.1.0"), Some("24.1.0"));
        assert_eq!(numbers("unknown"), None);
    }
}
