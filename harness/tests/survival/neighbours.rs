//! Two harnesses of one user at the same time.

use super::scene::{HEADER, PIPE, Scene};

super::tests![a_harness_does_not_remove_the_folder_of_another];

fn a_harness_does_not_remove_the_folder_of_another() {
    let scene = Scene::new();
    let root = scene.slow_case("for-ever", "3600s");
    let lasting = ["run", "--format=json", PIPE, "--root", &root];
    let mut first = scene.start(lasting);
    first.wait_until_it_says(HEADER);
    // On other systems, unnamed files have a name here while a process holds them open.
    let folders = || {
        let mut left = scene.left();
        left.retain(|path| path.to_string_lossy().contains("ipc-conformance-"));
        left
    };
    let firsts = folders();
    assert_ne!(firsts.len(), 0);

    // One ends in order, and one doesn't.
    assert!(
        scene
            .start(["run", "seed/pipe", "--backend=pipe:std/pipe"])
            .end()
            .status
            .success()
    );
    let mut killed = scene.start(lasting);
    killed.wait_until_it_says(HEADER);
    killed.kill();
    killed.end();

    assert_eq!(folders(), firsts);
    first.kill();
    first.end();
    scene.assert_nothing_left();
}
