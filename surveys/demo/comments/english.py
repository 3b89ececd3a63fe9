"""What English-speaking customers of the demo company write."""

from __future__ import annotations

from typing import Final

from surveys.demo.comments.topics import (
    APPROVAL,
    CLOCK,
    CSV,
    EASY,
    LEAVE,
    LINK,
    MOBILE,
    NONE,
    PHONE,
    PRICE,
    SETUP,
    SLOW,
    SUPPORT,
)

EN_BAD: Final = (
    ("Slower with every release. The month-end screen takes minutes.", SLOW),
    ("Nobody told us the menu would change.", EASY),
    ("I waited four days for an answer, twice.", SUPPORT),
    ("We export, clean the file by hand, import again. Every single month.", CSV),
    ("Clock-ins go missing since the update and our staff blame us.", CLOCK),
    ("Fine for head office, useless on a phone.", MOBILE),
    ("The price went up and the service did not.", PRICE),
    ("Approvals get stuck when somebody is on holiday.", APPROVAL),
    ("It works. I would not go out of my way to recommend it.", NONE),
    ("meh", NONE),
    ("Neutral, we were told to use it.", NONE),
    ("Support is polite but never has an answer on the first try.", SUPPORT),
    ("The payroll link broke in March and again in June.", LINK),
    ("Leave balances are wrong for part-time staff.", LEAVE),
    ("English help pages lag a year behind the Japanese ones.", SETUP),
    ("Too many clicks for a simple correction.", EASY),
    ("Reports cannot be filtered by site.", CSV),
    ("The app logs me out every morning.", MOBILE),
    ("Hold music for 25 minutes. Then it hung up.", PHONE),
    ("We are a team of 12 and it feels built for 1,200.", EASY),
    ("Honestly a bit tired of reporting the same bug.", CLOCK),
    ("Invoices are hard to read.", PRICE),
)
EN_MIDDLE: Final = (
    ("Good, could be great with a proper calendar sync.", LINK),
    ("Let us choose the columns of the export.", CSV),
    ("Nothing to add", NONE),
    ("Does the job.", NONE),
    ("A dark theme would be nice for the night shift.", EASY),
    ("Please bring back the compact list.", EASY),
    ("More examples in the API guide.", LINK),
    ("Support got better this year.", SUPPORT),
    ("Leave requests could use a half-day button.", LEAVE),
    ("Clearer pricing for contractors, please.", PRICE),
    ("Reports by site and we are happy.", CSV),
    ("Faster search.", SLOW),
    ("OK overall", NONE),
    ("The new approval screen is better than it looks.", APPROVAL),
)
EN_GOOD: Final = (
    ("Closing the month went from two days to a morning.", EASY),
    ("Love it. Set up in a week.", SETUP),
    ("Your team actually listens.", SUPPORT),
    ("Simple, reliable, done.", NONE),
    ("Our drivers use it without training.", CLOCK),
    ("The mobile approvals saved my commute.", MOBILE),
    ("Quick answers, real people.", SUPPORT),
    ("👍", NONE),
    ("5.2 fixed the speed. Thank you.", SLOW),
    ("The auditors were impressed with the reports.", CSV),
    ("Good value.", PRICE),
    ("Works with our payroll out of the box.", LINK),
    ("We told two other offices about you.", NONE),
    ("Kenji always calls back the same day.", SUPPORT),
)
EN_EFFORT_BAD: Final = (
    ("Explained the same thing to three people.", SUPPORT),
    ("Took nine days and two calls.", SUPPORT),
    ("The instructions were for an older version.", SETUP),
    ("In the end I fixed it myself.", NONE),
    ("Could not find where to ask.", SUPPORT),
    ("Had to send the same screenshot again.", SUPPORT),
)
EN_EFFORT_GOOD: Final = (
    ("Sorted in one mail.", SUPPORT),
    ("They shared a screen and it was done.", SUPPORT),
    ("The help page was enough.", SETUP),
    ("Painless.", NONE),
)
EN_EVENT: Final = (
    ("Good pace, useful handout.", SETUP),
    ("Too long for one session.", SETUP),
    ("The trainer knew our business.", SETUP),
    ("Go-live slipped twice.", SETUP),
)
