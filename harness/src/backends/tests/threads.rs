//! One end for two threads.

use super::*;

#[test]
fn one_thread_receives_while_another_sends() {
    let needs = [Capability::Duplex, Capability::Threads];
    each(Kind::Pipe, &needs, |subject| {
        let [mut a, mut b] = subject.pipe(DUPLEX);
        let mut shared = a.share().unwrap();
        thread::scope(|scope| {
            let answer = scope.spawn(move || received(&mut *shared, Wait::Deadline).unwrap());
            a.send(b"question", Wait::Deadline).unwrap();
            assert_eq!(received(&mut *b, Wait::Deadline).unwrap(), b"question");
            b.send(b"answer", Wait::Deadline).unwrap();
            assert_eq!(answer.join().unwrap(), b"answer");
        });
    });
}

#[test]
fn one_thread_reads_while_another_writes() {
    let needs = [Capability::Duplex, Capability::Threads];
    each(Kind::Stream, &needs, |subject| {
        let [mut a, mut b] = subject.stream(DUPLEX);
        let mut shared = a.share().unwrap();
        thread::scope(|scope| {
            let read = scope.spawn(move || shared.read(&mut [0; 8], Wait::Deadline).unwrap());
            a.write(b"question", Wait::Deadline).unwrap();
            assert_eq!(b.read(&mut [0; 8], Wait::Deadline).unwrap(), 8);
            b.write(b"answer", Wait::Deadline).unwrap();
            assert_eq!(read.join().unwrap(), 6);
        });
    });
}

#[test]
fn an_end_is_closed_when_the_last_thread_has_closed_it() {
    each(Kind::Pipe, &[Capability::Threads], |subject| {
        let [tx, mut rx] = subject.pipe(ONE_WAY);
        let mut shared = tx.share().unwrap();
        tx.close().unwrap();
        shared.send(b"still here", Wait::Deadline).unwrap();
        shared.close().unwrap();
        assert_eq!(received(&mut *rx, Wait::Deadline).unwrap(), b"still here");
        let end = received(&mut *rx, Wait::Deadline).unwrap_err();
        assert!(subject.is_end(&end), "{end:?}");
    });
}
