//! What holds of every backend of endpoints: a new one in the registry gets all of it.

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

struct TestHost(TempDir);

impl Host for TestHost {
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

/// An endpoint that nobody listens at yet.
struct TestedEndpoint {
    backend: Arc<dyn Backend>,
    host: TestHost,
    length: Option<u64>,
    backlog: Option<u64>,
    key: Option<&'static str>,
}

impl TestedEndpoint {
    /// What one more process has of it.
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

/// Puts every backend of endpoints to the test that has these capabilities here.
fn each(needs: &[Capability], rule: impl Fn(&mut TestedEndpoint)) {
    for backend in Registry::builtin().iter() {
        let has = backend.capabilities(System::current());
        let fits = has.is_some_and(|has| needs.iter().all(|need| has.has(*need)));
        if backend.key().kind == Kind::Endpoint && fits {
            rule(&mut TestedEndpoint {
                backend: Arc::clone(backend),
                host: TestHost(TempDir::new().unwrap()),
                length: None,
                backlog: None,
                key: None,
            });
        }
    }
}

/// Both ends of a connection, the accepted first.
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
fn messages_go_both_ways_over_a_connection_and_then_comes_the_end() {
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
fn a_name_at_which_nobody_listens_is_absent() {
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
            // Wine doesn't heed that a pipe is to be the first with its name.
            assert_eq!(outcome(second.listen(false)), Outcome::Ok);
            return;
        }
        assert_eq!(outcome(second.listen(false)), Outcome::Taken);
        connected(&mut *first, &mut *subject.endpoint());
    });
}

#[test]
fn a_closed_listeners_name_can_be_had_again() {
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
fn whoever_takes_a_name_over_is_reached_by_it() {
    each(&[Capability::ReplaceName], |subject| {
        let _first = subject.listener();
        let mut second = subject.endpoint();
        second.listen(true).unwrap();
        connected(&mut *second, &mut *subject.endpoint());
    });
}

#[test]
fn a_form_that_does_not_wait_says_that_nobody_is_there() {
    each(&[Capability::TryAccept], |subject| {
        let mut server = subject.listener();
        assert_eq!(outcome(server.accept(Wait::Never)), Outcome::Empty);
        let _client = subject.endpoint().connect(None, Wait::Deadline).unwrap();
        assert_eq!(outcome(server.accept(Wait::Never)), Outcome::Ok);
    });
}

#[test]
fn a_form_with_a_timeout_waits_as_long_as_that() {
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
fn a_connect_with_a_timeout_connects_where_somebody_listens() {
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

/// Elsewhere whoever finds no place in line is refused.
#[cfg(target_os = "linux")]
#[test]
fn whoever_finds_the_line_full_waits_until_somebody_is_accepted() {
    each(&[Capability::Backlog], |subject| {
        subject.backlog = Some(1);
        let mut server = subject.listener();
        // The line has room for one more than was asked for.
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
fn who_connected_is_said() {
    each(&[Capability::PeerIdentity], |subject| {
        let mut server = subject.listener();
        let _client = subject.endpoint().connect(None, Wait::Deadline).unwrap();
        let accepted = server.accept(Wait::Deadline).unwrap();
        assert_eq!(accepted.peer, Some(std::process::id()));
    });
}

#[test]
fn what_is_written_beneath_the_messages_is_an_error_unless_it_is_one() {
    each(&[Capability::Raw], |subject| {
        let [mut s, mut c] = connected(&mut *subject.listener(), &mut *subject.endpoint());
        c.raw(&[2, 0, 0, 0, 0, 0, 0, 0]).unwrap();
        c.raw(b"hi").unwrap();
        assert_eq!(received(&mut *s).unwrap(), b"hi");
        c.raw(&[255; 8]).unwrap();
        assert_eq!(received(&mut *s), Err(Outcome::Error));
        assert_eq!(received(&mut *s), Err(Outcome::Error));
    });
}

/// What whoever connects with this key comes to, and what the listener does.
fn meeting(subject: &mut TestedEndpoint, key: Option<&'static str>) -> [Outcome; 2] {
    let (mut server, mut client) = (subject.listener(), subject.endpoint());
    thread::scope(|scope| {
        let connected = scope.spawn(move || client.connect(key, Wait::Deadline));
        let accepted = outcome(server.accept(Wait::Deadline));
        [outcome(connected.join().unwrap()), accepted]
    })
}

#[test]
fn whoever_knows_the_key_gets_in_and_nobody_else_does() {
    each(&[Capability::Authentication], |subject| {
        subject.key = Some("secret");
        assert_eq!(meeting(subject, Some("secret")), [Outcome::Ok; 2]);
        assert_eq!(meeting(subject, Some("guessed")), [Outcome::Denied; 2]);
        assert_eq!(meeting(subject, None)[1], Outcome::Denied);
    });
}

#[test]
fn whoever_is_asked_for_no_key_is_told_so() {
    each(&[Capability::Authentication], |subject| {
        assert_eq!(meeting(subject, Some("secret"))[0], Outcome::Denied);
    });
}

#[test]
fn whoever_can_not_ask_for_a_key_refuses_to() {
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
fn whoever_does_not_listen_accepts_nobody() {
    each(&[], |subject| {
        let mut here = subject.endpoint();
        assert_eq!(outcome(here.accept(Wait::Deadline)), Outcome::Closed);
        assert_eq!(outcome(here.close()), Outcome::Closed);
    });
}
