/// What tells this user's folders from another's: here each has temporary files of their own.
pub(super) fn user() -> String {
    "user".to_owned()
}
