"""What all Python tests of Roost share."""
