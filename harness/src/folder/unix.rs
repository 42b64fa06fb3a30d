/// What tells this user's folders from another's.
pub(super) fn user() -> String {
    rustix::process::getuid().as_raw().to_string()
}
