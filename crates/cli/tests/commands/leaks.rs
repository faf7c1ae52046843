//! A leak at the command line: found offline, and killed with what is found.

use super::*;

#[actix_web::test]
async fn a_log_is_searched_and_what_is_in_it_killed() {
    let shop = Shop::open().await;
    assert_eq!(shop.mint(&["--output", "own"]).code, Some(0));
    for name in ["edge", "beta"] {
        assert_eq!(shop.run(&["attenuate", "own", "--channel", name, "-o", name]).code, Some(0));
    }
    let text = |name: &str| std::fs::read_to_string(shop.path(name)).unwrap().trim().to_owned();
    let log = format!("start\nCREDENTIALS={}\nnothing\n\n{}\n", text("edge"), text("beta"));
    std::fs::write(shop.path("log"), &log).unwrap();

    let scanned = shop.run(&["scan", "log"]);
    let lines: Vec<&str> = scanned.out.lines().collect();
    assert_eq!((scanned.code, lines.len()), (Some(1), 2), "{scanned:?}");
    for (line, (place, channel)) in lines.iter().zip([("log:2: byte 18: ", "edge"), ("log:5: byte ", "beta")])
    {
        assert!(line.starts_with(place), "{line}");
        assert!(line.contains("credential (an export of snapcraft 7.2 or later), token "), "{line}");
        assert!(line.contains(&format!("of {}: package_access, ", shop.publisher().email)), "{line}");
        assert!(line.contains(&format!("; channels {channel}; expires in ")), "{line}");
    }
    let scanned = shop.run(&["scan", "--json", "log", "own", "edge"]);
    let found: Vec<Value> = scanned.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((scanned.code, found.len()), (Some(1), 4));
    assert_eq!(
        (&found[0]["file"], &found[0]["line"], &found[0]["shape"]),
        (&json!("log"), &json!(2), &json!("u1_macaroon"))
    );
    assert_eq!((&found[0]["what"], &found[2]["file"]), (&json!("credential"), &json!("own")));
    assert_eq!(found[0]["token_id"].as_str().unwrap().len(), 22);

    let revoked = shop.run(&["revoke", "log", "--reason", "in a log"]);
    let lines: Vec<&str> = revoked.out.lines().collect();
    assert_eq!((revoked.code, lines.len()), (Some(0), 4), "{revoked:?}");
    assert!(lines[0].starts_with("Revoked and acknowledged in ") && lines[0].ends_with(" ms: 2 of 2 found."));
    assert!(
        lines[2].starts_with("        2  credential  revoked          credential of token "),
        "{lines:?}"
    );
    assert!(lines[3].starts_with("        5  credential  revoked"), "{lines:?}");
    for name in ["edge", "beta"] {
        let (status, refused) = shop.whoami(name).await;
        assert!(status == 401 && refused.to_string().contains("in a log"), "{refused}");
    }
    assert_eq!(shop.whoami("own").await.0, 200);
    // The dead cannot kill; a living one beside them can, and theirs is known to be done.
    let again = shop.run(&["revoke", "log"]);
    assert!(again.code == Some(1) && again.err.contains("This credential was revoked"), "{again:?}");
    std::fs::write(shop.path("log"), log + &text("own")).unwrap();
    let again = shop.run(&["revoke", "log"]);
    assert!(again.code == Some(0) && again.out.contains("2  credential  already-revoked"), "{again:?}");
    assert_eq!(shop.whoami("own").await.0, 401);
    for ran in [scanned, revoked, again] {
        for name in ["own", "edge", "beta"] {
            let secret = &text(name)[100..140];
            assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{ran:?}");
        }
    }
    shop.close().await;
}

#[actix_web::test]
async fn a_large_text_is_sent_as_it_is_and_from_standard_input_too() {
    let shop = Shop::open().await;
    assert_eq!(shop.mint(&["--output", "own"]).code, Some(0));
    let own = std::fs::read_to_string(shop.path("own")).unwrap();
    let large = format!("{}\n{own}", "a line of a log\n".repeat(200_000));
    std::fs::write(shop.path("large"), &large).unwrap();
    let scanned = shop.run(&["scan", "large"]);
    assert!(scanned.code == Some(1) && scanned.out.starts_with("large:200002: "), "{scanned:?}");
    let through = |arguments: &[&str], input: &str| {
        let mut child = shop.command(arguments);
        child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = child.spawn().unwrap();
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
        Ran::from(child.wait_with_output().unwrap())
    };
    let revoked = through(&["revoke", "-", "--scope", "family"], &large);
    assert_eq!(revoked.code, Some(0), "{revoked:?}");
    assert!(revoked.out.contains(" 200002  credential  revoked          family of token "), "{revoked:?}");
    assert!(revoked.err.starts_with("Sending 3"), "{revoked:?}");
    assert_eq!(shop.whoami("own").await.0, 401);
    let scanned = through(&["scan"], "nothing to be seen here\n");
    assert_eq!((scanned.code, scanned.out.as_str(), scanned.err.as_str()), (Some(0), "", ""));
    shop.close().await;
}

#[actix_web::test]
async fn what_could_not_be_killed_has_its_exit_code() {
    let shop = Shop::open().await;
    assert_eq!(shop.mint(&["--output", "own"]).code, Some(0));
    let own = exported::read(&std::fs::read_to_string(shop.path("own")).unwrap()).unwrap();
    std::fs::write(shop.path("half"), own.root.to_v1()).unwrap();
    let mut bound = own.discharges[0].clone();
    bound.bind(&own.root);
    let both = format!(
        "{}\n{}{}\n",
        bound.to_v1(),
        ".\n".repeat(40_000),
        std::fs::read_to_string(shop.path("own")).unwrap()
    );
    std::fs::write(shop.path("both"), both).unwrap();
    std::fs::write(shop.path("garbage"), "hello").unwrap();
    for (arguments, code, word) in [
        (&["revoke", "garbage"][..], 1, "no credential was found in the text"),
        (&["revoke", "missing"], 1, "cannot read missing"),
        (&["revoke"], 1, "the input is empty"),
        (&["revoke", "half"], 1, "--credentials-file"),
        (&["revoke", "garbage", "--credentials-file", "own"], 1, "No credential was found in the text"),
        (&["revoke", "own", "--scope", "everything"], 2, "invalid value"),
        (&["scan", "missing"], 2, "cannot read missing"),
        (&["scan", "--colour"], 2, "unexpected argument"),
    ] {
        let ran = shop.run(arguments);
        assert!(ran.code == Some(code) && ran.err.contains(word), "{arguments:?}: {ran:?}");
        assert_eq!(ran.out, "", "{arguments:?}");
    }
    let ran = shop.run(&["revoke", "both"]);
    assert!(ran.code == Some(3) && ran.out.contains("discharge   unproven"), "{ran:?}");
    assert!(ran.out.contains("1 of 2 found.") && ran.out.contains("Paste the text with its root"), "{ran:?}");
    let ran = shop.run(&["revoke", "--help"]);
    assert!(ran.out.contains("Exit codes:\n  0  acknowledged"), "{ran:?}");
    shop.close().await;
}
