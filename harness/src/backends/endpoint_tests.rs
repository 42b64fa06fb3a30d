//! Tests of every backend of endpoints in the registry.

use std::io;
use std::path::Path;
use std::sync::Arc;
#[cfg(target_os = "linux")]
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::backend::{
    Attached, Backend, Capability, Channel, Emulation, Endpoint, EndpointOptions, Failure, Grant,
    Host, Kind, Outcome, Parcel, PipeEnd, Side, System, Wait,
};
use crate::os::platform;
use crate::registry::Registry;

struct EndpointHost(TempDir);

impl Host for EndpointHost {
    fn folder(&self) -> &Path {
        self.0.path()
    }
    fn seed(&self) -> u64 {
        0
    }
    fn start_helper(&mut self, _parcel: Parcel) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// An endpoint without a listener.
struct TestedEndpoint {
    backend: Arc<dyn Backend>,
    host: EndpointHost,
    length: Option<u64>,
    backlog: Option<u64>,
    key: Option<&'static str>,
}

impl TestedEndpoint {
    /// Returns the endpoint as one more process has it.
    fn endpoint(&mut self) -> Box<dyn Endpoint> {
        let channel = Channel {
            endpoint: EndpointOptions {
                name_length: self.length,
                backlog: self.backlog,
                key: self.key.map(str::to_owned),
                ..EndpointOptions::default()
            },
            ..Channel::new("e", Kind::Endpoint)
        };
        let grant = Grant {
            side: Side::Name,
            puts: false,
            gets: false,
        };
        let mut opened = self.backend.open(&channel, &mut self.host).unwrap();
        let parcel = opened.grant(grant).unwrap();
        match self.backend.attach(&channel, grant, parcel).unwrap() {
            Attached::Endpoint(here) => here,
            _ => panic!("an endpoint was asked for"),
        }
    }

    fn listener(&mut self) -> Box<dyn Endpoint> {
        let mut here = self.endpoint();
        here.listen(false).unwrap();
        here
    }
}

fn is_wine() -> bool {
    platform::current().emulation == Some(Emulation::Wine)
}

/// Tests every backend of endpoints that has these capabilities on this system.
fn each(needs: &[Capability], rule: impl Fn(&mut TestedEndpoint)) {
    for backend in Registry::builtin().iter() {
        let has = backend.capabilities(System::current());
        let fits = has.is_some_and(|has| needs.iter().all(|need| has.has(*need)));
        if backend.key().kind == Kind::Endpoint && fits {
            rule(&mut TestedEndpoint {
                backend: Arc::clone(backend),
                host: EndpointHost(TempDir::new().unwrap()),
                length: None,
                backlog: None,
                key: None,
            });
        }
    }
}

/// Returns both ends of a connection, the accepted end first.
fn connected(server: &mut dyn Endpoint, client: &mut dyn Endpoint) -> [Box<dyn PipeEnd>; 2] {
    let made = client.connect(None, Wait::Deadline).unwrap();
    [server.accept(Wait::Deadline).unwrap().connection, made]
}

fn received(end: &mut dyn PipeEnd) -> Result<Vec<u8>, Outcome> {
    let mut message = Vec::new();
    let got = end.recv(&mut message, Wait::Deadline);
    got.map(|()| message).map_err(|failure| failure.outcome)
}

fn outcome<T>(done: Result<T, Failure>) -> Outcome {
    done.map_or_else(|failure| failure.outcome, |_| Outcome::Ok)
}

#[test]
fn messages_go_both_ways_and_then_the_end_comes() {
    each(&[], |subject| {
        let [mut s, mut c] = connected(&mut *subject.listener(), &mut *subject.endpoint());
        c.send(b"ping", Wait::Deadline).unwrap();
        assert_eq!(received(&mut *s).unwrap(), b"ping");
        s.send(b"pong", Wait::Deadline).unwrap();
        assert_eq!(received(&mut *c).unwrap(), b"pong");
        c.close().unwrap();
        assert_eq!(received(&mut *s), Err(Outcome::End));
    });
}

#[test]
fn a_name_without_a_listener_is_absent() {
    each(&[], |subject| {
        assert_eq!(
            outcome(subject.endpoint().connect(None, Wait::Deadline)),
            Outcome::Absent
        );
    });
}

#[test]
fn a_live_name_is_taken_and_still_leads_to_its_owner() {
    each(&[], |subject| {
        let mut first = subject.listener();
        let mut second = subject.endpoint();
        if is_wine() {
            // Wine ignores the flag that a pipe must be the first with its name.
            assert_eq!(outcome(second.listen(false)), Outcome::Ok);
            return;
        }
        assert_eq!(outcome(second.listen(false)), Outcome::Taken);
        connected(&mut *first, &mut *subject.endpoint());
    });
}

#[test]
fn the_name_of_a_closed_listener_is_free() {
    each(&[Capability::UnlinksName], |subject| {
        let mut first = subject.listener();
        first.close().unwrap();
        assert_eq!(outcome(first.accept(Wait::Deadline)), Outcome::Closed);
        assert_eq!(
            outcome(subject.endpoint().connect(None, Wait::Deadline)),
            Outcome::Absent
        );
        connected(&mut *subject.listener(), &mut *subject.endpoint());
    });
}

#[test]
fn a_listener_that_replaces_a_name_is_reached_by_it() {
    each(&[Capability::ReplaceName], |subject| {
        let _first = subject.listener();
        let mut second = subject.endpoint();
        second.listen(true).unwrap();
        connected(&mut *second, &mut *subject.endpoint());
    });
}

#[test]
fn a_try_accept_without_a_client_reports_empty() {
    each(&[Capability::TryAccept], |subject| {
        let mut server = subject.listener();
        assert_eq!(outcome(server.accept(Wait::Never)), Outcome::Empty);
        let _client = subject.endpoint().connect(None, Wait::Deadline).unwrap();
        assert_eq!(outcome(server.accept(Wait::Never)), Outcome::Ok);
    });
}

#[test]
fn a_timed_accept_waits_for_its_whole_timeout() {
    each(&[Capability::TimedAccept], |subject| {
        let begun = Instant::now();
        let time = Duration::from_millis(20);
        assert_eq!(
            outcome(subject.listener().accept(Wait::For(time))),
            Outcome::Timeout
        );
        assert!(begun.elapsed() >= time);
    });
}

#[test]
fn a_timed_connect_connects_to_a_live_listener() {
    each(&[Capability::TimedConnect], |subject| {
        let mut server = subject.listener();
        let made = subject
            .endpoint()
            .connect(None, Wait::For(Duration::from_secs(10)));
        made.unwrap().send(b"ping", Wait::Deadline).unwrap();
        let mut accepted = server.accept(Wait::Deadline).unwrap().connection;
        assert_eq!(received(&mut *accepted).unwrap(), b"ping");
    });
}

/// On other systems a client that finds the backlog full is refused.
#[cfg(target_os = "linux")]
#[test]
fn a_client_that_finds_the_backlog_full_waits_for_an_accept() {
    each(&[Capability::Backlog], |subject| {
        subject.backlog = Some(1);
        let mut server = subject.listener();
        // The backlog has room for one more client than asked for.
        let _waiting = [(); 2].map(|()| subject.endpoint().connect(None, Wait::Deadline).unwrap());
        let mut late = subject.endpoint();
        let (told, done) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(move || told.send(outcome(late.connect(None, Wait::Deadline))));
            let shortly = Duration::from_millis(50);
            assert_eq!(
                done.recv_timeout(shortly),
                Err(mpsc::RecvTimeoutError::Timeout)
            );
            server.accept(Wait::Deadline).unwrap();
            assert_eq!(done.recv().unwrap(), Outcome::Ok);
        });
    });
}

#[test]
fn accept_reports_the_connecting_process() {
    each(&[Capability::PeerIdentity], |subject| {
        let mut server = subject.listener();
        let _client = subject.endpoint().connect(None, Wait::Deadline).unwrap();
        let accepted = server.accept(Wait::Deadline).unwrap();
        assert_eq!(accepted.peer, Some(std::process::id()));
    });
}

#[test]
fn raw_bytes_are_an_error_unless_they_are_a_message() {
    each(&[Capability::Raw], |subject| {
        let [mut s, mut c] = connected(&mut *subject.listener(), &mut *subject.endpoint());
        c.raw(Some(2), b"", 0..u64::MAX).unwrap();
        c.raw(None, b"hi", 0..u64::MAX).unwrap();
        assert_eq!(received(&mut *s).unwrap(), b"hi");
        c.raw(Some(-1), b"", 0..u64::MAX).unwrap();
        assert_eq!(received(&mut *s), Err(Outcome::Error));
        assert_eq!(received(&mut *s), Err(Outcome::Error));
    });
}

/// Returns the outcomes of a client with this key and of the listener.
fn connected_with_key(subject: &mut TestedEndpoint, key: Option<&'static str>) -> [Outcome; 2] {
    let (mut server, mut client) = (subject.listener(), subject.endpoint());
    thread::scope(|scope| {
        let connected = scope.spawn(move || client.connect(key, Wait::Deadline));
        let accepted = outcome(server.accept(Wait::Deadline));
        [outcome(connected.join().unwrap()), accepted]
    })
}

#[test]
fn only_a_client_with_the_key_is_accepted() {
    each(&[Capability::Authentication], |subject| {
        subject.key = Some("secret");
        assert_eq!(
            connected_with_key(subject, Some("secret")),
            [Outcome::Ok; 2]
        );
        assert_eq!(
            connected_with_key(subject, Some("guessed")),
            [Outcome::Denied; 2]
        );
        assert_eq!(connected_with_key(subject, None)[1], Outcome::Denied);
    });
}

#[test]
fn a_client_with_a_key_needs_a_listener_with_one() {
    each(&[Capability::Authentication], |subject| {
        assert_eq!(
            connected_with_key(subject, Some("secret"))[0],
            Outcome::Denied
        );
    });
}

#[test]
fn a_backend_without_authentication_refuses_a_key() {
    each(&[], |subject| {
        let has = subject.backend.capabilities(System::current()).unwrap();
        if has.has(Capability::Authentication) {
            return;
        }
        let connected = subject.endpoint().connect(Some("secret"), Wait::Deadline);
        assert_eq!(outcome(connected), Outcome::Refused);
        subject.key = Some("secret");
        assert_eq!(outcome(subject.endpoint().listen(false)), Outcome::Refused);
    });
}

#[test]
fn a_name_that_is_too_long_is_refused() {
    each(&[], |subject| {
        subject.length = Some(300);
        assert_eq!(outcome(subject.endpoint().listen(false)), Outcome::Refused);
    });
}

#[test]
fn a_process_that_does_not_listen_can_not_accept() {
    each(&[], |subject| {
        let mut here = subject.endpoint();
        assert_eq!(outcome(here.accept(Wait::Deadline)), Outcome::Closed);
        assert_eq!(outcome(here.close()), Outcome::Closed);
    });
}
