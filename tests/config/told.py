"""Hints that lead to no other page: what they ask for is done where they are read, or by somebody who reads no page."""

#: Done at the input or on the page beside which it stands.
HERE = {
    "{} would be taken for a record of the module that names its own {}-. Give it a name that begins otherwise.",
    "More than {} are named so; here are the first {}. Type more letters, or a license or cab.",
    "Say why: a reason is required.",
    "The fleet paid it: charge the driver {}",
    "The driver was on several leases of the cab that day: say which it was.",
    "The driver held the vehicle by several leases on {}: say by which.",
    "Choose at least one.",
    "The parts of the file don't fit together: choose the DTRs and print again.",
    "Its cab is not known: name the cab.",
    "Not done yet: this is what it would do now. Look, then confirm.",
    "Give the number of a lease on which a deposit was received.",
    "Name at least one charge to pay.",
    "Say which days the cab is away.",
    "Say when the shift begins as well.",
    "Say when the shift ends, which is not when it begins.",
    "{} has no usual amount: give one.",
    "Give a TLC license, a medallion or a plate.",
    "It is of {}: reverse it on that day or later.",
    "The week ending {} is not over; it can be closed from {} on.",
    "Rents, repairs and loans on hold; tickets of the lease's cab in its time. What is kept can be settled again once "
    "they are resumed or decided.",
    "The allocations sum to {}, but only {} can be allocated.",
    "These records were not imported, and no close of their week begins by itself before somebody has looked at them. "
    "Say what you found: whether they are trips of the fleet, and what was done about them.",
    "The parts of these records are not their total. They were imported and count by their total. Say what you found.",
    "The records were imported, and count by their total until it is ruled where the attribute belongs.",
    "{} is no tax that may be left out: say what it is.",
    "Enter takes the driver when only one is left; ↑ ↓ choose among several.",
    "Nothing found for “{}”. Try part of a name, a cab or a number.",
    "Type two letters or digits.",
    "There are more: type further letters.",
    "Only the first {} lines are shown; pay the others afterwards.",
    "It is another check. Take it.",
    "One check pays for two drivers. Take it.",
    "The amount is right. Take it.",
    "This is a second payment. Take it.",
    "Tick this if it is right, or change the payment.",
    "Write {}.{}.",
    "Type the amount first.",
    "Nothing is due today. Type what is paid.",
    "Your authenticator is taken away. Set up the new one now.",
    "Their sessions end, and they sign in by their password alone until they have set up another one. Make sure that "
    "it is them who asks.",
    "For another phone, take this one away first. Both acts need a code of it, or a recovery code.",
    "Type the six digits that it shows.",
    "Type the code that your authenticator shows now. Without your phone, type one of your recovery codes.",
    "It can be tried again at once, by whoever it was. Ask the person first whether it was them.",
    "Their password of now is over, and so are their sessions. They sign in with the new one once, and choose another "
    "at once. Make sure that it is them who asks.",
    "This is the one that you were given; choose another.",
    "It is a formula that was never reckoned: save the workbook in a spreadsheet first.",
}

#: The same once more, in a moment or on the page opened anew.
AGAIN = {
    "There is too much going on just now. Nothing was written; try again.",
    "Somebody else is working on this just now. Nothing was written; try again.",
    "Somebody else is moving this driver's money just now; try again.",
    "Somebody else is moving this driver's money just now. Nothing was written; try again.",
    "Something is still being posted. Nothing was taken; try again.",
    "{} was already made from this page. Open the page anew to make another.",
    "The page has lost its mark; open it again.",
    "{} was just assigned to another driver. Look again.",
    "{} does not fit {} any more. Look again.",
    "{} could not be saved just now; try again.",
    "Too many sign-ins have failed. It can be tried again after {}. A supervisor can unlock it before.",
    "There were wrong codes, so this one was not looked at. Wait a moment.",
    "Your session had ended, so nothing was saved. Sign in, and enter it again.",
    "Nothing was saved; try again",
    "This was asked for too often. It can be asked for again in an hour.",
    "Nothing can be mailed just now; try again later.",
}

#: Read at a terminal, by whoever runs the server; or a page says whom to ask.
SERVER = {
    "%s is printed with boxes: no font has %s. Put one into FONTS_DIR.",
    "Give it a role of its own, and migrations MIGRATE_DATABASE_URL: docs/operations.md.",
    "Call the owner as no system user (ALTER ROLE … RENAME TO …), and let pg_hba.conf trust nobody.",
    "The product's role {} (of DATABASE_URL) does not exist. Create it, as docs/operations.md says, and migrate again.",
    "The database grants this role nothing yet. Run manage.py migrate as its owner (docs/upgrade.md).",
    "The database lacks {}: {}. Run manage.py migrate as its owner (docs/upgrade.md).",
    "The database is newer than this code, which does not know {}: {}. Start the version that migrated it "
    "(docs/upgrade.md).",
    "EMAIL_URL is not set: first passwords are shown on the page, nobody has a link to a new password mailed, and what "
    "the audits find is mailed to nobody.",
    "CURB_URL begins with http: the password would travel in the clear. Use https.",
    "That is more than {most:,} entries, too many for a page: ask whoever runs the server, who writes any number of "
    "them by manage.py export_journal.",
}

#: Read by a program's author.
PROGRAM = {
    "Send an {} of your own making (a UUID will do), the same one when you try again.",
    "Send the body with its Content-Length, not in chunks.",
    "Take the cursor from the next or previous link of an answer, as it is.",
    "With it, a request sent again gets its first answer instead of a refusal.",
    "A request with this Idempotency-Key is still being worked on; ask again.",
    "The database was lost while this was being saved: it may have been saved, or not. Sent again with the same "
    "Idempotency-Key, it is done once; without one, look whether it is there first.",
}

#: Printed for a driver, who comes to the counter.
PAPER = {
    "{}. Pay at the counter, or it is taken from your next card fares.",
    "Does a charge look wrong? Tell the counter and name {}: what was charged against your lease or the rules is given "
    "back to you. Complaints about a lease go to the TLC, by 311.",
    "What was posted later for these days is not on it. Something wrong? Tell the counter.",
    "Keep this receipt. Something wrong? Tell the counter and name the receipt number. You can also complain to the "
    "TLC: call 311.",
}

#: Tells what is, and asks for nothing.
NOTHING = {
    "The oldest is paid first.",
    "The week ending {} is closed here, so nothing can be carried over to {}.",
    "Your own is changed on your own page, and a superuser's by another superuser.",
    "Your own login, a superuser's, and that of whoever may do more than you is somebody else's to change.",
    "Nobody locks themselves, and a superuser is locked by a superuser.",
    "A superuser is made by a superuser.",
    "Each of them signs you in once when your phone is not at hand. They are shown this once: print them, or write "
    "them down, and keep them apart from the phone.",
    "Is your phone lost, and the recovery codes too? A supervisor takes the old authenticator away.",
    "Trip {}-{} names another week than the one that counted it first.",
    "Set at go-live: the first day whose business is kept here.",
    "The last day, {}, is before the first, {}.",
    "{}, as whom the guards write, is a superuser; an ordinary role is enough.",
    "The last day is before the first.",
    "Rows a page; 50 without it.",
    "DEBIT: owed by drivers. CREDIT: held for them.",
    "No closed day stands open; while a superuser has one reopened, it is named here.",
    "Void {id} is dated {effective_on}, before posting {reverses_id} of {original_on}.",
    "Void {id} of {amount} does not mirror posting {reverses_id}: {fault}.",
    "Credits were applied oldest first, and never a deposit or one not yet effective.",
    "Write-off of {} on {} is undone.",
    "Nothing can be booked on {}: that day has not come.",
    "Only a charge can be replaced.",
    "Only money held for a driver can be used, and no deposit.",
    "For the fleetReceived by: signature, name, date",
    ", instead of {}",
    "Credits pay what is due in this order; within a category the oldest first. What was applied before stays as it "
    "is.",
    "No receipt, charge or plan of this driver has that number.",
    "A receipt, charge or plan, like PAY-000155 or REPAIR-6. Left out: the driver.",
}

TOLD = HERE | AGAIN | SERVER | PROGRAM | PAPER | NOTHING
