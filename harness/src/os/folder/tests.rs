use std::thread;

use tempfile::TempDir;

use super::*;

/// What a process that died without a guard leaves.
fn left_by_a_dead_one(root: &Path) -> PathBuf {
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
fn with_the_last_folder_goes_their_root() {
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
fn the_next_start_removes_what_a_dead_one_left() {
    let outside = TempDir::new().unwrap();
    let root = outside.path().join("root");
    let dead = left_by_a_dead_one(&root);
    let living = Folder::create_in(&root).unwrap();
    assert!(!dead.exists() && !lock_of(&dead).exists());
    assert!(living.path().exists());
}

#[test]
fn the_next_start_leaves_the_living_alone() {
    let outside = TempDir::new().unwrap();
    let living = Folder::create_in(outside.path()).unwrap();
    let _next = Folder::create_in(outside.path()).unwrap();
    assert!(living.path().exists() && lock_of(living.path()).exists());
}

/// Here a file stands where the folder should, which isn't removed as a folder is.
#[test]
fn what_cant_be_removed_is_left_for_the_next_start_to_find() {
    let outside = TempDir::new().unwrap();
    let stubborn = outside.path().join("stubborn");
    fs::write(&stubborn, "").unwrap();
    fs::write(lock_of(&stubborn), "").unwrap();
    remove(&stubborn);
    assert!(lock_of(&stubborn).exists());
}

#[test]
fn many_come_and_go_at_once() {
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
fn nobody_else_may_look_into_it() {
    use std::os::unix::fs::MetadataExt;
    let outside = TempDir::new().unwrap();
    let root = outside.path().join("root");
    let _folder = Folder::create_in(&root).unwrap();
    assert_eq!(fs::metadata(&root).unwrap().mode() & 0o077, 0);
}

#[cfg(unix)]
#[test]
fn a_link_laid_in_its_place_is_not_followed() {
    let outside = TempDir::new().unwrap();
    let elsewhere = TempDir::new().unwrap();
    let root = outside.path().join("root");
    std::os::unix::fs::symlink(elsewhere.path(), &root).unwrap();
    let error = Folder::create_in(&root).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
}
