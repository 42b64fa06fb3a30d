use std::thread;

use tempfile::TempDir;

use super::*;

/// Creates a folder and a lock file as a process that died without a guard leaves them.
fn left_by_a_dead_process(root: &Path) -> PathBuf {
    let dead = root.join("dead");
    fs::create_dir_all(dead.join("0")).unwrap();
    fs::write(dead.join("0").join("socket"), "").unwrap();
    fs::write(lock_of(&dead), "").unwrap();
    dead
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn removing_the_last_folder_removes_their_root() {
    let outside = TempDir::new().unwrap();
    let root = outside.path().join("root");
    let first = Folder::create_in(&root).unwrap();
    let second = Folder::create_in(&root).unwrap();
    fs::write(first.path().join("name"), "").unwrap();
    drop(first);
    assert_eq!(names(&root).len(), 2, "the second and its lock");
    drop(second);
    assert_eq!(names(outside.path()), [""; 0]);
}

#[test]
fn the_next_start_removes_a_dead_process_s_folder() {
    let outside = TempDir::new().unwrap();
    let root = outside.path().join("root");
    let dead = left_by_a_dead_process(&root);
    let living = Folder::create_in(&root).unwrap();
    assert!(!dead.exists() && !lock_of(&dead).exists());
    assert!(living.path().exists());
}

#[test]
fn the_next_start_keeps_the_folder_of_a_running_process() {
    let outside = TempDir::new().unwrap();
    let living = Folder::create_in(outside.path()).unwrap();
    let _next = Folder::create_in(outside.path()).unwrap();
    assert!(living.path().exists() && lock_of(living.path()).exists());
}

/// A file in the folder's place makes the removal fail.
#[test]
fn a_folder_that_cant_be_removed_keeps_its_lock_file() {
    let outside = TempDir::new().unwrap();
    let stubborn = outside.path().join("stubborn");
    fs::write(&stubborn, "").unwrap();
    fs::write(lock_of(&stubborn), "").unwrap();
    remove(&stubborn);
    assert!(lock_of(&stubborn).exists());
}

#[test]
fn folders_are_created_and_removed_at_the_same_time() {
    let outside = TempDir::new().unwrap();
    let root = outside.path().join("root");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let folder = Folder::create_in(&root).unwrap();
                    assert!(folder.path().exists() && lock_of(folder.path()).exists());
                }
            });
        }
    });
    assert_eq!(names(outside.path()), [""; 0]);
}

#[cfg(unix)]
#[test]
fn other_users_cannot_read_the_root() {
    use std::os::unix::fs::MetadataExt;
    let outside = TempDir::new().unwrap();
    let root = outside.path().join("root");
    let _folder = Folder::create_in(&root).unwrap();
    assert_eq!(fs::metadata(&root).unwrap().mode() & 0o077, 0);
}

#[cfg(unix)]
#[test]
fn a_symlink_in_the_root_s_place_is_not_followed() {
    let outside = TempDir::new().unwrap();
    let elsewhere = TempDir::new().unwrap();
    let root = outside.path().join("root");
    std::os::unix::fs::symlink(elsewhere.path(), &root).unwrap();
    let error = Folder::create_in(&root).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
}
