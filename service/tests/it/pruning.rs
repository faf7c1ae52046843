//! The list forgets what can concern nothing any more, and nothing else.

use model::ids::{AccountId, SessionId, TokenId};
use revocation::{NewRevocation, Reach, Revocation, RevocationQuery, Subject};
use timestamp::Timestamp;

use crate::support::{List, TestApp};

fn cut(subject: &Subject, now: Timestamp, forget_at: Option<Timestamp>) -> NewRevocation {
    let cut = Revocation { reach: Reach::All, at: now, reason: "a test".to_owned() };
    NewRevocation { subject: subject.clone(), cut, actor: "nobody".to_owned(), leaked: false, forget_at }
}

#[tokio::test]
async fn a_key_expires_with_the_last_of_its_cuts_and_one_that_must_stay_does_not() {
    let app = TestApp::start(List::Redis).await;
    let now = app.clock.now();
    let at = |seconds: i64| now.add_secs(seconds).unwrap();
    let account = AccountId::generate();
    let sessions: Vec<Subject> =
        (0..4).map(|_| Subject::Session(account.clone(), SessionId::generate())).collect();
    let key = format!("{{it}}:a:{account}");
    let expires = |moment: Option<Timestamp>| {
        moment.map_or_else(|| ":-1".to_owned(), |moment| format!(":{}", moment.micros() / 1_000 + 1))
    };
    for (session, forget_at, expected) in [
        (&sessions[0], Some(at(1_000)), Some(at(1_000))),
        (&sessions[1], Some(at(500)), Some(at(1_000))),
        (&sessions[2], Some(at(2_000)), Some(at(2_000))),
        (&sessions[3], None, None),
        (&Subject::Account(account.clone()), Some(at(3_000)), None),
    ] {
        app.state().revocations.revoke(vec![cut(session, now, forget_at)]).await.unwrap();
        assert_eq!(app.redis().command(&format!("PEXPIRETIME {key}")), expires(expected), "{session:?}");
    }
}

#[tokio::test]
async fn a_list_that_is_made_anew_leaves_out_what_may_be_forgotten() {
    let mut app = TestApp::start(List::Redis).await;
    let (soon, stays) = (Subject::Family(TokenId::generate()), Subject::Family(TokenId::generate()));
    let now = app.clock.now();
    let both = vec![cut(&soon, now, now.add_secs(60)), cut(&stays, now, None)];
    app.state().revocations.revoke(both).await.unwrap();
    let found = async |app: &TestApp, subject: &Subject| {
        let question = RevocationQuery { subjects: vec![subject.clone()], login: None };
        app.state().revocations.check(&question).await.unwrap().is_some()
    };
    assert!(found(&app, &soon).await && found(&app, &stays).await);
    app.advance(120);
    app.redis().command("FLUSHALL");
    app.restart().await;
    assert!(!found(&app, &soon).await && found(&app, &stays).await);
    assert_eq!(app.count("revocations").await, 2, "the journal keeps both");
}
