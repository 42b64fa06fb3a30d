use std::process::Command;
use std::time::SystemTime;

pub(super) fn put_on(_pid: u32, _number: u64) {}

pub(super) fn put_on_at_birth(_command: &mut Command, _number: u64) {}

pub(super) fn orphans(_covers: &dyn Fn(u64) -> bool) -> Vec<u32> {
    Vec::new()
}

pub(super) fn end(_covers: &dyn Fn(u64) -> bool, _since: SystemTime) {}
