"""Mails that came back, after what mail servers write; ours was ID to ann@client.example.

Written by hand after RFC 3464's examples and the known formats of each server,
not caught from real ones.
"""

from uuid import UUID

ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")

POSTFIX = f"""\
Return-Path: <>
Date: Fri, 20 Nov 2026 12:00:05 +0000 (UTC)
From: MAILER-DAEMON@mail.shop.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: bounces@shop.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4D2F1A.1/mail.shop.example"
Message-Id: <20261120120005.5@mail.shop.example>

This is a MIME-encapsulated message.

--4D2F1A.1/mail.shop.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mail.shop.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<ann@client.example>: host mx.client.example[192.0.2.1] said: 550 5.1.1
    <ann@client.example>: Recipient address rejected: User unknown (in reply to
    RCPT TO command)

--4D2F1A.1/mail.shop.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.shop.example
Original-Envelope-Id: {ID}
X-Postfix-Queue-ID: 4D2F1A
Arrival-Date: Fri, 20 Nov 2026 12:00:01 +0000 (UTC)

Final-Recipient: rfc822; ann@client.example
Original-Recipient: rfc822;ann@client.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.client.example
Diagnostic-Code: smtp; 550 5.1.1 <ann@client.example>: Recipient address
    rejected: User unknown

--4D2F1A.1/mail.shop.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

From: Shop Ltd <billing@shop.example>
To: ann@client.example
Subject: Invoice INV-1
Message-ID: <{ID}@shop.example>

--4D2F1A.1/mail.shop.example--
"""

EXIM = f"""\
Return-path: <>
From: Mail Delivery System <Mailer-Daemon@mail.shop.example>
To: bounces@shop.example
X-Failed-Recipients: ann@client.example
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary=1795190043-eximdsn-1
MIME-Version: 1.0
Subject: Mail delivery failed: returning message to sender

--1795190043-eximdsn-1
Content-type: text/plain; charset=us-ascii

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ann@client.example
    host mx.client.example [192.0.2.1]
    SMTP error from remote mail server after RCPT TO:<ann@client.example>:
    550 5.1.1 User unknown

--1795190043-eximdsn-1
Content-type: message/delivery-status

Reporting-MTA: dns; mail.shop.example

Action: failed
Final-Recipient: rfc822;ann@client.example
Status: 5.0.0
Remote-MTA: dns; mx.client.example
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--1795190043-eximdsn-1
Content-type: message/rfc822

Return-path: <bounces@shop.example>
From: Shop Ltd <billing@shop.example>
To: ann@client.example
Subject: Invoice INV-1
Message-ID: <{ID}@shop.example>
MIME-Version: 1.0
Content-Type: text/plain

Hello.

--1795190043-eximdsn-1--
"""

OLD_EXIM = f"""\
Return-path: <>
X-Failed-Recipients: ann@client.example, bob@client.example
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mail.shop.example>
To: bounces@shop.example
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ann@client.example
    SMTP error from remote mail server after RCPT TO:<ann@client.example>:
    550 5.1.1 User unknown

  bob@client.example
    retry timeout exceeded

------ This is a copy of the message, including all the headers. ------

Return-path: <bounces@shop.example>
From: Shop Ltd <billing@shop.example>
To: ann@client.example
Subject: Invoice INV-1
Message-ID: <{ID}@shop.example>

Hello.
"""

EXCHANGE = f"""\
From: Microsoft Outlook
\t<MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@client.example>
To: <bounces@shop.example>
Date: Fri, 20 Nov 2026 12:00:07 +0000
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="e0a5f1b2-0000-4a3b-9a5e-7f0e5c1f0001"
X-MS-Exchange-Message-Is-Ndr:
Content-Language: en-GB
In-Reply-To: <{ID}@shop.example>
References: <{ID}@shop.example>
Subject: Undeliverable: Invoice INV-1
Auto-Submitted: auto-replied
MIME-Version: 1.0

--e0a5f1b2-0000-4a3b-9a5e-7f0e5c1f0001
Content-Type: multipart/alternative; differences=Content-Type;
\tboundary="e0a5f1b2-0000-4a3b-9a5e-7f0e5c1f0002"

--e0a5f1b2-0000-4a3b-9a5e-7f0e5c1f0002
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

Delivery has failed to these recipients or groups:

ann@client.example<mailto:ann@client.example>
The e-mail address you entered couldn't be found.

--e0a5f1b2-0000-4a3b-9a5e-7f0e5c1f0002
Content-Type: text/html; charset="us-ascii"

<p>Delivery has failed.</p>

--e0a5f1b2-0000-4a3b-9a5e-7f0e5c1f0002--

--e0a5f1b2-0000-4a3b-9a5e-7f0e5c1f0001
Content-Type: message/delivery-status

Reporting-MTA: dns;EX01.client.example
Received-From-MTA: dns;mail.shop.example
Arrival-Date: Fri, 20 Nov 2026 12:00:06 +0000

Original-Recipient: rfc822;ann@client.example
Final-Recipient: rfc822;ann.lee@internal.client.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp;550 5.1.1 RESOLVER.ADR.RecipNotFound; not found
X-Display-Name: ann@client.example

--e0a5f1b2-0000-4a3b-9a5e-7f0e5c1f0001
Content-Type: message/rfc822

Received: from mail.shop.example (192.0.2.7) by EX01.client.example
From: Shop Ltd <billing@shop.example>
To: "ann@client.example" <ann@client.example>
Subject: Invoice INV-1
Message-ID:
\t<{ID}@shop.example>
Content-Type: text/plain

--e0a5f1b2-0000-4a3b-9a5e-7f0e5c1f0001--
"""

GMAIL = f"""\
Received: by 2002:a17:90a:0:b0:0:0:0 with SMTP id x1
From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
To: bounces@shop.example
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: <{ID}@shop.example>
In-Reply-To: <{ID}@shop.example>
X-Failed-Recipients: ann@client.example
Message-ID: <5f0c.170a0220.1.GMR@mx.google.com>
Date: Fri, 20 Nov 2026 04:00:10 -0800 (PST)
Content-Type: multipart/report; boundary="00000000000001"; report-type=delivery-status

--00000000000001
Content-Type: multipart/related; boundary="00000000000002"

--00000000000002
Content-Type: multipart/alternative; boundary="00000000000003"

--00000000000003
Content-Type: text/plain; charset="UTF-8"

** Address not found **

Your message wasn't delivered to ann@client.example because the address couldn't be found.

--00000000000003--

--00000000000002--

--00000000000001
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com
Arrival-Date: Fri, 20 Nov 2026 04:00:09 -0800 (PST)
X-Original-Message-ID: <{ID}@shop.example>

Final-Recipient: rfc822; ann@client.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; gmail-smtp-in.l.google.com. (192.0.2.2, the server for the domain.)
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.
Last-Attempt-Date: Fri, 20 Nov 2026 04:00:10 -0800 (PST)

--00000000000001
Content-Type: message/rfc822

From: Shop Ltd <billing@shop.example>
To: ann@client.example
Subject: Invoice INV-1
Message-ID: <{ID}@shop.example>

----- Message truncated -----

--00000000000001--
"""

QMAIL = f"""\
Return-Path: <>
From: MAILER-DAEMON@mail.client.example
To: bounces@shop.example
Subject: failure notice

Hi. This is the qmail-send program at mail.client.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ann@client.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <bounces@shop.example>
From: Shop Ltd <billing@shop.example>
To: ann@client.example
Subject: Invoice INV-1
Message-ID: <{ID}@shop.example>

Hello.
"""

DELAYED = POSTFIX.replace("Action: failed", "Action: delayed").replace("5.1.1", "4.4.1")
DELIVERED = POSTFIX.replace("Action: failed", "Action: relayed").replace("5.1.1", "2.0.0")

HOLIDAY = f"""\
From: Ann Lee <ann@client.example>
To: bounces@shop.example
Subject: Out of office: Invoice INV-1
Auto-Submitted: auto-replied
In-Reply-To: <{ID}@shop.example>

I am away until Monday.
> Message-ID: <{ID}@shop.example>
"""

SPAM = """\
From: Mail Delivery System <mailer-daemon@evil.example>
X-Failed-Recipients: ann@client.example
Subject: Undelivered

Nothing of ours in it.
"""
