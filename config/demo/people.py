"""Who is in the demo: the staff with their logins, the drivers, and the cabs."""

import random
from datetime import datetime

from django.contrib.auth.models import Group, User

from core.groups import AUDITOR, CASHIER, OFFICE, SUPERVISOR
from core.history import save_as
from leases import services as leases
from leases.models import Driver, Vehicle

PASSWORD = "demo"
#: Login → role; the admin is a superuser without one.
LOGINS = {"cashier": CASHIER, "supervisor": SUPERVISOR, "office": OFFICE, "auditor": AUDITOR, "admin": None}
_NAMES = {
    "cashier": ("Maya", "Ortiz"),
    "supervisor": ("Sam", "Keller"),
    "office": ("Ines", "Walsh"),
    "auditor": ("Leon", "Price"),
    "admin": ("Ada", "Novak"),
}

DRIVERS = 40
_MAIL = "@drivers.example"
FIRST_NAMES = (
    "Amadou", "Anil", "Bogdan", "Carlos", "Chen", "Dawit", "Emeka", "Farid", "Giorgi", "Hassan",
    "Ibrahim", "Jean", "Jorge", "Kamal", "Kwame", "Luis", "Mamadou", "Marek", "Mohammed", "Nadia",
    "Nikolai", "Olu", "Pedro", "Rahim", "Rosa", "Samir", "Sunil", "Tariq", "Viktor", "Yusuf",
)  # fmt: skip
LAST_NAMES = (
    "Adeyemi", "Ahmed", "Bah", "Begum", "Castillo", "Chowdhury", "Diallo", "Espinal", "Fernandez", "Gebre",
    "Hossain", "Islam", "Jeudy", "Kaba", "Khan", "Kim", "Lopez", "Mensah", "Miah", "Nguyen",
    "Okafor", "Patel", "Petrov", "Rahman", "Rodriguez", "Singh", "Sow", "Toure", "Uddin", "Wang",
)  # fmt: skip
MODELS = ("Toyota RAV4 Hybrid", "Toyota Camry Hybrid", "Nissan NV200", "Ford Transit Connect", "Toyota Sienna Hybrid")


def make_staff() -> dict[str, User]:
    """Make one login for each role."""
    staff = {}
    for login, role in LOGINS.items():
        first, last = _NAMES[login]
        user = User.objects.create_user(
            login, password=PASSWORD, first_name=first, last_name=last, is_staff=True, is_superuser=role is None
        )
        if role is not None:
            user.groups.add(Group.objects.get(name=role))
        staff[login] = user
    return staff


def are_here() -> bool:
    """Return whether the demo's people are in the database, whoever else is."""
    staff = User.objects.filter(username__in=LOGINS).count() == len(LOGINS)
    return staff and Driver.objects.filter(email__endswith=_MAIL).count() >= DRIVERS


def make_drivers(chance: random.Random, count: int, *, actor: User) -> list[Driver]:
    """Make drivers, no two of the same name."""
    names = chance.sample([(first, last) for first in FIRST_NAMES for last in LAST_NAMES], count)
    drivers = []
    for number, (first, last) in enumerate(names):
        driver = Driver(
            first_name=first,
            last_name=last,
            tlc_license=f"{5_400_000 + 137 * number + chance.randrange(100)}",
            phone=f"(718) 555-{1000 + number:04d}",
            email=f"{first}.{last}{_MAIL}".lower(),
        )
        driver.full_clean()
        save_as(driver, actor)
        drivers.append(driver)
    return drivers


def make_vehicles(chance: random.Random, count: int, *, from_at: datetime, actor: User) -> list[Vehicle]:
    """Register cabs with medallions, the plates that go with them and E-ZPass tags, on the vehicle from a moment on."""
    vehicles = []
    for number in range(count):
        medallion = f"{1 + number % 9}{'ABCDEFGHJKLMNPTVWXY'[number % 19]}{10 + 7 * number % 89:02d}"
        vehicles.append(
            leases.register_vehicle(
                vin=f"JTMRW{'ABCDEFGH'[number % 8]}FV{chance.randrange(10**9):09d}",
                medallion=medallion,
                plate=f"{medallion}{'ABCH'[number % 4]}",
                tag=f"004{70_000_000 + 211 * number}",
                make_and_model=chance.choice(MODELS),
                from_at=from_at,
                actor=actor,
            )
        )
    return vehicles
